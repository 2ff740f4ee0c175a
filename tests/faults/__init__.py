"""How the promises break things: commands that are killed, that share a folder, that have no room."""
