"""By hand: what agents and supervisors say and do beside the rules."""
