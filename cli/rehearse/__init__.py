"""The rehearsal: a year played with the real actions, a simulated clock and a seeded cast, on a scratch copy."""
