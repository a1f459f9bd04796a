"""How long the words of ended cases are kept, and how they go."""
