// One camera: asked for, chosen among several, and let go. Nothing of it is recorded.

const WISH = {width: {ideal: 640}, height: {ideal: 480}, frameRate: {ideal: 60}};
const REASONS = {
  NotAllowedError: "camera_denied",
  SecurityError: "camera_denied",
  NotFoundError: "camera_missing",
  OverconstrainedError: "camera_missing",
};

export class Camera {
  #video;
  #stream = null;
  #asked = 0;
  #onLost;

  /** `video` shows it; `onLost` is called when it goes away by itself. */
  constructor(video, onLost) {
    this.#video = video;
    this.#onLost = onLost;
  }

  get on() {
    return this.#stream !== null;
  }

  /** The id of the camera that runs. */
  get device() {
    return this.#stream?.getVideoTracks()[0].getSettings().deviceId ?? "";
  }

  /** Start it, or another one; returns "" or the name of the sentence that says why not. */
  async start(device = "") {
    this.stop();
    const asked = ++this.#asked;
    if (!navigator.mediaDevices?.getUserMedia) return "camera_insecure";
    const wish = device ? {...WISH, deviceId: {exact: device}} : {...WISH, facingMode: "user"};
    let found;
    try {
      found = await navigator.mediaDevices.getUserMedia({audio: false, video: wish});
    } catch (error) {
      return REASONS[error.name] ?? "camera_busy";
    }
    // Stopped while the browser was still asking.
    if (asked !== this.#asked) {
      found.getTracks().forEach((track) => track.stop());
      return "stopped";
    }
    this.#stream = found;
    const [track] = found.getVideoTracks();
    track.addEventListener("ended", () => {
      this.stop();
      this.#onLost();
    });
    this.#video.srcObject = found;
    try {
      await this.#video.play();
    } catch {
      if (asked !== this.#asked) return "stopped";
      this.stop();
      return "camera_busy";
    }
    return "";
  }

  /** Whether it looks at whom sits before it, who know themselves from the mirror. */
  get faces() {
    return this.#stream?.getVideoTracks()[0].getSettings().facingMode !== "environment";
  }

  /** Let it go; its light goes off. */
  stop() {
    this.#asked += 1;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** All cameras: {deviceId, label}. */
  static async list() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    return devices.filter(({kind}) => kind === "videoinput");
  }
}
