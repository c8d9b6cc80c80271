"""From what the grammar recognises to the syntax tree: one method per rule of the grammar, called once it is read."""
