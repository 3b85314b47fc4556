// Entry of a page without anything special.
import { readyPage } from "./page.js";

readyPage();
