// Entry of a page with questions.
import { autosave } from "./autosave.js";
import { enhanceComboboxes } from "./combobox.js";
import { countDown } from "./countdown.js";
import { watchCrisisAnswers } from "./crisis.js";
import { chooseHoursWhileTyping } from "./hours.js";
import { readyPage } from "./page.js";

readyPage();
enhanceComboboxes();
watchCrisisAnswers();
countDown();
chooseHoursWhileTyping();
document.querySelectorAll("form[data-autosave-url]").forEach(autosave);
