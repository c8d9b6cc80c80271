"""From the syntax tree back to text: nodes become pieces, pieces become lines, comments stand where they stood."""
