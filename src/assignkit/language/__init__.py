"""The rule language as text: vocabulary, grammar, syntax tree, parser. Knows nothing of what rules mean."""
