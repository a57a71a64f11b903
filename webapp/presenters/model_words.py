"""What the card of a model says in words: data, protocol, use and limits."""

from __future__ import annotations

from typing import Literal

INTENDED = (
    "Made for learning, research and curiosity about how such systems work, and for showing where they fail.",
    "For photos of people who agree to it, one at a time, with a person looking at the answer.",
)
FORBIDDEN = (
    "Not for judging people: not in hiring, policing, at borders, in insurance, credit or medicine.",
    "In the European Union, systems that infer emotions of people at work or in education are prohibited, but for "
    "medical or safety reasons (AI Act, Regulation (EU) 2024/1689, article 5(1)(f)).",
    "Elsewhere in the EU, whoever uses an emotion recognition system must tell the people exposed to it "
    "(article 50(3)), and data protection law applies. This is a pointer, not legal advice.",
    "An expression is not an inner feeling. A smile may be polite, a frown may be the sun.",
)
DATA = (
    "FER-2013 (Goodfellow et al. 2013): 35,887 gray faces of 48 × 48 pixels, found by web searches for words of "
    "emotion, each with one label.",
    "The labels are noisy. Ten people each looked at the same images again (FER+, Barsoum et al. 2016): where more "
    "than five of them agreed on one of the seven expressions, FER-2013’s label says the same for only 71.8 % of "
    "the images. So a perfect score against the labels is neither possible nor worth having.",
    "1,516 groups of images are exact copies of one another, 57 of these groups with different labels. 8 % of the "
    "private test’s images have a copy in training: the line “without copies” leaves them out.",
    "436 of the 28,709 training images show disgust, 7,215 a happy face.",
)
WORDS_ONLY = (
    "It knows only the words listed above. Mixed, faint, posed or culturally different expressions have none of "
    "their own."
)
ALL_SEVEN = (
    "Fear and sadness are read worst; disgust is so rare in the test (55 images) that its figures are uncertain by "
    "more than ten points."
)
FIVE_ONLY = (
    "It does not know disgust and fear: a face that shows them is called by one of the five words it has."
)
EYES_ONLY = "It does not see nose, mouth and chin, which tell a smile best: for faces where they are covered."
LIMITS = (
    "Who is in the training pictures was never recorded: how well it reads people of different ages, skin tones, "
    "sexes or with glasses, beards and head covers has not been measured and cannot be with this data.",
    "Turned heads, covered mouths, hard light, blur and very small faces make it worse. The card of each face warns "
    "where the site can tell.",
    "The test images come from the same web searches as the training images. On photos of another kind expect less.",
)
TARGETS: dict[Literal["fer2013", "ferplus"], str] = {
    "fer2013": "the label that FER-2013 would give",
    "ferplus": "what most people would say",
}
# Which measurements are shown, in which order, and what each set of pictures is.
SPLITS = {
    "test": "All test images of FER-2013",
    "PublicTest": "Public test, used to choose the model",
    "PrivateTest": "Private test, never used before",
    "PrivateTest_without_twins": "Private test without copies of training images",
    "test_masked": "All test images, each under a drawn mask",
    "PublicTest_masked": "Public test under drawn masks",
    "PrivateTest_masked": "Private test under drawn masks",
}
TRUTHS = {
    "fer2013": "How often it gives the label that FER-2013 has",
    "ferplus": "How often it says what most of ten people said, on all images that they could read",
    "ferplus_clear": "How often it says what most of ten people said, where more than five of them agreed",
}
# The only files that the plots address gives out, with what each shows.
PLOTS = {
    "reliability.png": "How often answers of a confidence are right: on the dashed line the confidence is honest",
    "risk_coverage.png": "How often it is right when it answers only for the faces that it is surest of",
    "per_class.png": "Precision, recall and F1 of each expression",
    "confused_pairs.png": "The expressions that it confuses most",
    "confusion_matrix.png": "Which expressions it takes for which",
    "framing.png": "What is lost between a face cut out by hand and one found in a larger photo",
    "training_accuracy.png": "Accuracy on training and validation images after every epoch",
    "training_loss.png": "Loss on training and validation images after every epoch",
    "training_precision.png": "Precision after every epoch",
    "training_recall.png": "Recall after every epoch",
    "class_distribution.png": "How many training images each expression has",
}
TRAINING_PLOTS = tuple(name for name in PLOTS if name.startswith(("training_", "class_")))
