"""The events of a room: announced by the web process, heard by everyone who watches.

`channel.py` is where to begin.
"""
