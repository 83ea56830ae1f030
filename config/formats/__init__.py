"""How stock admin pages write moments and days: as the tables of the console do."""
