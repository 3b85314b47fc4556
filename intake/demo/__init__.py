"""The demo clinic: invented people, and a day that is alive whenever it is opened. Development only."""
