// The same charts as lines instead of dots: fetched when somebody takes one out, since few ever do.
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { PARTS } from "./chart-parts.js";

use([...PARTS, SVGRenderer]);
window.echartsVectors = { init };
