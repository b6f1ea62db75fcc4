"""Recording what a person does in a browser as a robot."""
