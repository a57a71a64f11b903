// A live picture of the camera with a shutter: one press, and the photo is read, or joins others that were chosen before.
// The camera runs only while its picture is shown, in an open dialog on a page that is seen.
(() => {
  "use strict";

  const form = document.getElementById("upload");
  const dialog = document.getElementById("camera");
  if (!form?.classList.contains("enhanced") || !dialog?.showModal) return;
  const open = form.querySelector("[data-camera]");
  const find = (name) => dialog.querySelector(`[data-${name}]`);
  const video = find("video");
  const status = find("camera-status");
  const [view, still, guide] = ["view", "still", "guide"].map(find);
  const [shutter, again] = ["shutter", "again"].map(find);
  const words = JSON.parse(form.dataset.words);
  const CAMERA = {audio: false, video: {facingMode: "user", width: {ideal: 1600}, height: {ideal: 1200}}};
  const REASONS = {
    NotAllowedError: "camera_denied",
    SecurityError: "camera_denied",
    NotFoundError: "camera_missing",
    OverconstrainedError: "camera_missing",
  };
  let stream = null;
  let shots = 0;

  const say = (word) => {
    status.textContent = words[word];
    status.classList.toggle("field-error", !["camera_starting", "camera_ready", "camera_reading"].includes(word));
  };

  const off = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    shutter.disabled = true;
  };

  // Live, with a guide for the face, or the photo that was taken.
  const show = (taken) => {
    for (const part of [video, guide, shutter]) part.toggleAttribute("hidden", taken);
    for (const part of [still, again]) part.toggleAttribute("hidden", !taken);
  };

  const stop = () => {
    off();
    show(false);
    view.hidden = true;
  };

  // Where the camera can't be had here, the phone's own may still be.
  const fail = (word) => {
    form.classList.add("no-camera");
    say(word);
  };

  const start = async () => {
    if (!navigator.mediaDevices?.getUserMedia) return fail("camera_insecure");
    show(false);
    say("camera_starting");
    try {
      const found = await navigator.mediaDevices.getUserMedia(CAMERA);
      // Closed, or opened a second time, while the browser was still asking.
      if (!dialog.open || stream) return found.getTracks().forEach((track) => track.stop());
      stream = found;
      // People know themselves from the mirror; a camera that looks away is shown as it is.
      const [track] = stream.getVideoTracks();
      video.classList.toggle("mirrored", track.getSettings().facingMode !== "environment");
      track.addEventListener("ended", () => { stop(); say("camera_busy"); });
      video.srcObject = stream;
      view.hidden = false;
      await video.play();
      shutter.disabled = false;
      say("camera_ready");
      shutter.focus();
    } catch (error) {
      // A dialog closed before the first picture interrupts play(): nothing to complain about.
      if (!dialog.open) return;
      stop();
      fail(REASONS[error.name] ?? "camera_busy");
    }
  };

  const shoot = () => {
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d").drawImage(video, 0, 0);
    const joins = form.classList.contains("has-photo");
    off();
    still.toBlob((blob) => {
      shots += 1;
      const name = `${words.shot.replace("{count}", shots)}.jpg`;
      const file = new File([blob], name, {type: "image/jpeg"});
      if (joins) dialog.close();
      form.dispatchEvent(new CustomEvent("photos", {detail: [file]}));
      if (joins) form.querySelector("[data-submit]").focus();
    }, "image/jpeg", 0.92);
    if (joins) return;
    show(true);
    say("camera_reading");
    again.focus();
  };

  // The answer is not waited for, and the photo forgotten.
  const retry = () => {
    form.dispatchEvent(new CustomEvent("cancel"));
    start();
  };

  if (!navigator.mediaDevices?.getUserMedia) form.classList.add("no-camera");
  open.hidden = false;
  open.addEventListener("click", () => {
    dialog.showModal();
    start();
  });
  shutter.addEventListener("click", shoot);
  again.addEventListener("click", retry);
  find("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    if (!again.hidden) form.dispatchEvent(new CustomEvent("cancel"));
    stop();
  });
  // Left for another page or another tab, the camera goes off, and its light with it.
  window.addEventListener("pagehide", () => {
    again.hidden = true;
    dialog.close();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) dialog.close();
  });
})();
