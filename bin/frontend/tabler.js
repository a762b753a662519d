// The part of Tabler's script the pages use: the side menu of narrow screens, which Tabler has from Bootstrap.
import "bootstrap/js/src/offcanvas.js";
