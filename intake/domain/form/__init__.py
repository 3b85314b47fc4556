"""The patient's form: its pages, their exact words, and how what was typed is read. No page judges a patient."""
