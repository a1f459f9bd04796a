import gc

# Looking through all that was imported, again and again for garbage, took a tenth of what the tests cost: theirs, and
# of each process of ours that they start.
gc.set_threshold(50_000, 10, 50)
