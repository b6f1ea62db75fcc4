"""Measurements that a person can repeat: speed, accuracy and memory on this machine."""
