"""Asks axe-core what is wrong with a page."""

RUN_AXE = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
"""Rules, as {"type": "tag", "values": [...]}, to what breaks them. What is right is not described:

that takes as long again as finding out.
"""
