"""What rule files mean: schema, checks, plan, and the two ways of evaluating them."""
