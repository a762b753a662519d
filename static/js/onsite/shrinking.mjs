// For the online sheet: upload.js makes photographs smaller with this before it sends them.
import { prepare } from "./photos.mjs";

portal.prepare = prepare;
