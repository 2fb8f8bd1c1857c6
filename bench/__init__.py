"""Side by side: Langkah, the plain Django project anyone would write, and what PostgreSQL alone can do."""
