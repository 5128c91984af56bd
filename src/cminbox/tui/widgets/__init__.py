"""What is drawn, one widget a file. A widget is given what to show; it reads no store and decides nothing."""
