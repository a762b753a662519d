// What pages draw their charts with.
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { PARTS } from "./chart-parts.js";

use([...PARTS, CanvasRenderer]);
window.echarts = { init };
