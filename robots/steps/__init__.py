"""The actions a step may name, one file for each kind of tool."""
