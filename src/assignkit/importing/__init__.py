"""Reading people's files: tables with headers become agents, customers and tasks, or located errors."""
