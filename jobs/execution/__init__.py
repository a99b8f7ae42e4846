"""How a notebook is executed under guard: its parameters, its process, its kernel, its page."""
