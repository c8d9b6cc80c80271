"""How the tables came to be: alembic's migrations, and what applies them."""
