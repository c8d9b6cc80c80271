"""From what the grammar recognises to the syntax tree: one method per rule of the grammar, called as soon as it is read."""
