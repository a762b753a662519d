"""Input about lists: uploading, handing over, sending rows back."""
