"""Deletion of personal data by schedule.

schedule.yaml       what is kept how long, as data
schedule.py         reads it, with the periods that WAYMARK_RETENTION sets
rules.py            how the data of each key are counted and erased, by the services of their stage
"""
