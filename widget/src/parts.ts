/** The parts of the widget, for the unit tests. */
export { parseAnswer, parseLine } from "./answer-text.js";
export { allowedLink, isPdf, placeOf } from "./links.js";
export { forget, IDLE, KEPT, KEY, newSession, randomId, recall, remember } from "./session.js";
export { examples, fill, texts } from "./texts.js";
