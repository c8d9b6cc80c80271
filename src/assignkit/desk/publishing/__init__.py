"""Publishing: which rules decide, who brought them into force, and what others would have decided."""
