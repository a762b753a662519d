"""Evidence by hand: a stroke on a copy, a picture from the clipboard, a sound without a microphone."""

from playwright.sync_api import Page, expect

#: A real stream for the real recorder: this machine has no microphone, so a tone of the browser's own stands in.
TONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const heard = context.createMediaStreamDestination();
  tone.connect(heard);
  tone.start();
  return heard.stream;
};
"""
#: Pasting as a browser does it: an event with files on its clipboard.
PASTE = """async (card) => {
  const canvas = new OffscreenCanvas(40, 40);
  canvas.getContext("2d").fillRect(5, 5, 20, 20);
  const data = new DataTransfer();
  data.items.add(new File([await canvas.convertToBlob()], "image.png", { type: "image/png" }));
  card.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def stroke(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    canvas = page.locator("#marking[open] canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate((start, end)):
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
