"""A module per route behind one interface. Adapters know nothing of our states."""
