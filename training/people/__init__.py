"""The default model, ``attention_cnn_people``: how would ten people read this face?

    python -m training.people teachers --data DATA --votes VOTES      # five wide networks, from scratch
    python -m training.people student  --data DATA --votes VOTES      # one network learns from all of them
    python -m training.people attend   --data DATA --votes VOTES      # its attention learns from its occlusion maps
    python -m training.people refine   --data DATA --votes VOTES      # and then from itself and other models
    python -m training.people export   --data DATA --votes VOTES --photos FOLDER    # calibrate and save

Every step reads what the one before it wrote into ``runs/people``. ``augment`` changes pixels as cameras and editors
do, ``covers`` draws masks, hands and glasses; both run on the device that trains, on any Keras backend
(``KERAS_BACKEND=jax`` or ``torch`` on a GPU).
"""
