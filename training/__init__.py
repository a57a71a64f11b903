"""Training: builds the networks with Keras, measures them and writes the saved models. The site never imports it.

The top level is what is run; the folders are what it is made of.

    python -m training.train       train one configuration on FER-2013 and write its saved model
    python -m training.evaluate    measure a saved model, through the steps that serve a photo
    python -m training.compare     two saved models on the same images: is the difference more than chance?
    python -m training.real_photos FOLDER    saved models on real photos, through the whole pipeline
    python -m training.faithful    do the maps show what decided? deletion and insertion
    python -m training.corruptions    accuracy and calibration on worse pictures
    python -m training.covers      accuracy under drawn masks, hands and scarves, and whether they are noticed

    python -m training.data.landmarks            the five landmarks of every image, once
    python -m training.data.meshes               the face mesh of every image, once
    python -m training.data.pack                 FER-2013 as one file of arrays
    python -m training.export.eight_bit          a saved network in 8 bits, for live pictures in the browser
    python -m training.export.onnx_maps          name the feature maps of a saved network as outputs
    python -m training.export.upgrade            bring saved models of an earlier version up to date
    python -m training.reports.framing           in-photo evaluation: a face found in a photo against its own image
    python -m training.reports.comparison        the table of all saved models
    python -m training.reports.readme            the README's parts that follow from it
    python -m training.reports.quality_limits    where FER-2013's images become rare
    python -m training.reports.movements         how calm faces measure; movements against expressions
    python -m training.convert.mtcnn             MTCNN's networks to ONNX
    python -m training.convert.face_mesh         MediaPipe's Face Mesh to ONNX
"""
