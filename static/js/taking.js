// What goes along with files that are chosen: where the device is, when the person asked for it; and pictures from the
// clipboard, taken as if they had been chosen. The page says with portal.chosen(form, files) what becomes of files.
(() => {
  "use strict";

  const HOW = { enableHighAccuracy: true, timeout: 5000, maximumAge: 60000 };

  portal.wantsPosition = (form) => Boolean(form.querySelector("[data-with-position]")?.checked);

  // Without an answer of the device the file goes all the same.
  portal.positionOf = (form) => {
    if (!portal.wantsPosition(form) || !navigator.geolocation) return Promise.resolve("");
    return new Promise((resolve) => {
      const found = ({ coords }) => resolve(`${coords.latitude.toFixed(6)},${coords.longitude.toFixed(6)},${Math.round(coords.accuracy)}`);
      navigator.geolocation.getCurrentPosition(found, () => resolve(""), HOW);
    });
  };

  // Asked for when it is ticked, so that the device has found itself before the first photograph.
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-with-position]")) portal.positionOf(event.target.form);
  });

  // A picture from the clipboard goes to the item in hand: where it is pasted, or else the one touched last.
  let inHand = null;
  ["pointerdown", "focusin"].forEach((each) =>
    document.addEventListener(each, (event) => (inHand = event.target.closest?.(".sheet-item") || inHand)),
  );
  document.addEventListener("paste", (event) => {
    const pictures = [...(event.clipboardData?.files || [])].filter((file) => file.type.startsWith("image/"));
    const card = event.target.closest?.(".sheet-item") || inHand;
    const form = card?.isConnected ? card.querySelector("form[data-upload]") : null;
    if (!pictures.length || !form || !portal.chosen) return;
    event.preventDefault();
    const named = (file, number) => new File([file], `粘贴的图片${number || ""}.${file.type === "image/png" ? "png" : "jpg"}`, { type: file.type });
    portal.chosen(form, pictures.map(named));
  });
})();
