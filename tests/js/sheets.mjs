// Cards of a sheet as autosave.js finds them, and what a test asks of the page around them.
import { Page, settled } from "./page.mjs";

const CHOICES = ["conform", "deficient", "nonconform"];

export const item = ({ code = "A01", version = 3, chosen = "", note = "" } = {}) => `
  <section class="sheet-item">
    <form data-autosave action="/answers/${code}/" method="post">
      <input type="hidden" name="csrfmiddlewaretoken" value="from-the-form">
      <input type="hidden" name="version" value="${version}"><input type="hidden" name="client_id" value="">
      <fieldset class="choice-grid">
        ${CHOICES.map((value) => `<label>${value}<input type="radio" name="answer" value="${value}"${value === chosen ? " checked" : ""}></label>`).join("")}
      </fieldset>
      <div data-needs-note${note ? "" : " hidden"}><span class="required-mark">必填</span><textarea name="note">${note}</textarea></div>
    </form>
    <div data-item-extra>old</div>
  </section>`;

export const SIGN = `
  <span data-save-state="saved"><i class="ti"></i><span data-save-text>自动保存</span></span>
  <b data-progress-done>0</b>/<b data-progress-total>9</b><progress data-progress-bar max="9" value="0"></progress>
  <a data-section="A" data-state="none"><span data-section-count="A">0/4</span></a>`;

export const sheet = async (body = item(), options = {}) => {
  const page = new Page(SIGN + body, options).run("app.js", "waiting.js", "autosave.js");
  await settled();
  return page;
};
export const sign = (page) => page.find("[data-save-state]").dataset.saveState;
export const words = (page) => page.find("[data-save-text]").textContent;
export const choice = (value) => `input[value=${value}]`;
export const SAVED = { version: 4, saved_at: "2021-06-01T09:30:00+08:00" };
