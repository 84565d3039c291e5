"""The Information Service: enquiries, their answers, literature searches, reference checks."""
