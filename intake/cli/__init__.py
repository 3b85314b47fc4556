"""Commands, one module for each noun; `intake.commands` adds them to the application."""
