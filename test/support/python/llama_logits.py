"""Logits that transformers computes for a model folder: llama_logits.py FOLDER TOKENS → JSON {"logits": [[…]], "text": …}.

TOKENS is a JSON list. `text` is what the folder's tokenizer makes of them, and must come back to the same ids.
"""

import json
import sys

import torch
from transformers import AutoTokenizer, LlamaForCausalLM

folder, tokens = sys.argv[1], json.loads(sys.argv[2])
model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(folder)
text = tokenizer.decode(tokens)
with torch.no_grad():
    logits = model(torch.tensor([tokens])).logits[0]
print(json.dumps({"logits": logits.tolist(), "text": text, "ids": tokenizer.encode(text, add_special_tokens=False)}))
