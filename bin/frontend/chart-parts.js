// The parts of ECharts that static/js/charts.js draws with: another kind of chart is added here first.
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendPlainComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";

export const PARTS = [
  BarChart,
  CustomChart,
  LineChart,
  GridComponent,
  LegendPlainComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
];
