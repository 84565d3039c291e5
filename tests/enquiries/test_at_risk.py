"""Texts that suggest that a child is at risk now, and the many that only sound like it."""

import pytest

from waymark.enquiries.at_risk import may_be_at_risk

AT_RISK = (
    "My neighbour is hitting her children every night.",
    "I am being hurt by my stepdad and nobody knows",
    "i'm scared to go home",
    "I don\u2019t feel safe. Can you help?",
    "A girl in my class has bruises and will not say why.",
    "my nephew is being abused by his father",
    "The family next door: the baby is in danger, please help.",
    "My daughter told me she was touched at the club.",
    "I think my granddaughter is not safe with her mother.",
    "I want to die",
    "Mum hits me",
    "my son has bruises all over his back",
    "A child is being neglected in our street.",
    "This baby is hungry and the mother drinks.",
    "They are leaving the kids alone at night.",
    "My pupil went missing on Monday.",
    "I might hurt my baby, I cannot cope.",
    "My little sister is scared of her dad.",
    "I'm worried about a child I know",
    "He said he is going to kill her.",
    "I read your review about neglect. My sister\u2019s boy is next door and he is being beaten.",
    "My brother is suicidal",
    "A pupil in my school disclosed abuse this morning.",
)
CALM = (
    "What do reviews say about babies whose weight falls off and who miss clinics?",
    "How many children were killed who were known to social services?",
    "I am writing a dissertation on neglect. Which children are at risk?",
    "Do you have research on children who are being abused online?",
    "Please send training on physical abuse and bruising in babies.",
    "In the review the mother said her son was being hurt at school.",
    "I think my son is in your library and I want it taken down.",
    "My son is not being hurt, he is well. I only want the report.",
    "My daughter never was abused.",
    "Literature about children who were left alone, please",
    "Is there a reference for Brandon 2013?",
    "How can I cite a case review?",
    "I need statistics on suicide and self-harm of young people.",
    "Where is the report on Child Maple?",
    "I am a social worker. What helps families who are afraid of services?",
    "My child protection team looks for guidance on thresholds.",
    "What did the panel say about a baby who was shaken?",
    "The children I teach ask about rights.",
    "Please tell me your opening hours.",
    "",
)


@pytest.mark.parametrize("text", AT_RISK)
def test_a_text_about_a_child_at_risk_is_noticed(text):
    assert may_be_at_risk(text)


@pytest.mark.parametrize("text", CALM)
def test_a_question_about_harm_is_no_child_at_risk(text):
    assert not may_be_at_risk(text)


def test_subject_and_text_are_read_apart():
    assert may_be_at_risk("A question", "my son is being hit at home")
    assert not may_be_at_risk("my son", "is being hit more often, the statistics say")


def test_a_very_long_text_is_read_quickly():
    assert not may_be_at_risk("the child " * 20_000)
