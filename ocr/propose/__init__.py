"""From a blank form alone to a template that a person only has to correct."""
