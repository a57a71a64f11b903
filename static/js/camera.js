// A live picture of the camera with a shutter. The camera runs only while the dialog is open and the page is seen.
(() => {
  "use strict";

  const form = document.getElementById("upload");
  const dialog = document.getElementById("camera");
  if (!form?.classList.contains("enhanced") || !dialog?.showModal) return;
  const open = form.querySelector("[data-camera]");
  const find = (name) => dialog.querySelector(`[data-${name}]`);
  const video = find("video");
  const status = find("camera-status");
  const shutter = find("shutter");
  const words = JSON.parse(form.dataset.words);
  const CAMERA = {audio: false, video: {facingMode: "user", width: {ideal: 1280}, height: {ideal: 960}}};
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
    status.classList.toggle("field-error", !["camera_starting", "camera_ready"].includes(word));
  };

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    video.hidden = true;
    shutter.disabled = true;
  };

  const start = async () => {
    if (!navigator.mediaDevices?.getUserMedia) return say("camera_insecure");
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
      video.hidden = false;
      await video.play();
      shutter.disabled = false;
      say("camera_ready");
      shutter.focus();
    } catch (error) {
      // A dialog closed before the first picture interrupts play(): nothing to complain about.
      if (!dialog.open) return;
      stop();
      say(REASONS[error.name] ?? "camera_busy");
    }
  };

  const shoot = () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    dialog.close();
    canvas.toBlob((blob) => {
      shots += 1;
      const name = `${words.shot.replace("{count}", shots)}.jpg`;
      const file = new File([blob], name, {type: "image/jpeg"});
      form.dispatchEvent(new CustomEvent("photos", {detail: [file]}));
      form.querySelector("[data-submit]").focus();
    }, "image/jpeg", 0.92);
  };

  open.hidden = false;
  open.addEventListener("click", () => {
    dialog.showModal();
    start();
  });
  shutter.addEventListener("click", shoot);
  find("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
  // Left for another page or another tab, the camera goes off, and its light with it.
  window.addEventListener("pagehide", () => dialog.close());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) dialog.close();
  });
})();
