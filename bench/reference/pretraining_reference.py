"""Generative pre-training with a dense attention mask, as a peer of bench/train.ts.

Written from the paper (Cui et al. 2024, Methods): known genes attend to known genes; an unknown gene attends to the
known ones and to itself, which the mask over all known and unknown keys says. The context of unknown genes goes to the
residual without the output projection. Parameters have the names of the published checkpoints.
"""

import torch
from torch import nn
from torch.nn import functional as F

LARGEST_VALUE = 512


def squared_error(predicted, target, scored):
    mask = scored.float()
    return ((predicted.float() - target).pow(2) * mask).sum() / mask.sum()


class GeneEncoder(nn.Module):
    def __init__(self, genes, width, pad):
        super().__init__()
        self.embedding = nn.Embedding(genes, width, padding_idx=pad)
        self.enc_norm = nn.LayerNorm(width)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)

    def forward(self, genes):
        return self.enc_norm(self.embedding(genes))


class ValueEncoder(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.linear1 = nn.Linear(1, width)
        self.linear2 = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, values):
        hidden = torch.relu(self.linear1(values.clamp(max=LARGEST_VALUE).unsqueeze(-1)))
        return self.dropout(self.norm(self.linear2(hidden)))


class Attention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.Wqkv = nn.Linear(width, 3 * width)
        self.out_proj = nn.Linear(width, width)
        self.heads = heads
        self.dropout = dropout

    def project(self, rows):
        apart = self.Wqkv(rows).unflatten(-1, (3, self.heads, -1))  # [cells, rows, 3, heads, size]
        return apart.permute(2, 0, 3, 1, 4)  # [3, cells, heads, rows, size]

    def attend(self, query, key, value, mask):
        rate = self.dropout if self.training else 0.0
        context = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=rate)
        return context.transpose(1, 2).flatten(2)

    def forward(self, known, unknown, known_mask, all_mask):
        query, key, value = self.project(known)
        query_unknown, key_unknown, value_unknown = self.project(unknown)
        keys = torch.cat([key, key_unknown], dim=2)
        values = torch.cat([value, value_unknown], dim=2)
        return (
            self.out_proj(self.attend(query, key, value, known_mask)),
            self.attend(query_unknown, keys, values, all_mask),
        )


class Layer(nn.Module):
    def __init__(self, width, heads, hidden, dropout):
        super().__init__()
        self.self_attn = Attention(width, heads, dropout)
        self.linear1 = nn.Linear(width, hidden)
        self.linear2 = nn.Linear(hidden, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def after(self, rows, context):
        rows = self.norm1(rows + self.dropout(context))
        hidden = self.dropout(torch.relu(self.linear1(rows)))
        return self.norm2(rows + self.dropout(self.linear2(hidden)))

    def forward(self, known, unknown, known_mask, all_mask):
        of_known, of_unknown = self.self_attn(known, unknown, known_mask, all_mask)
        return self.after(known, of_known), self.after(unknown, of_unknown)


class ExpressionDecoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(width, width), nn.LeakyReLU(), nn.Linear(width, width), nn.LeakyReLU(), nn.Linear(width, 1)
        )

    def forward(self, rows):
        return self.fc(rows).squeeze(-1)


class CellDecoder(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gene2query = nn.Linear(width, width)
        self.W = nn.Linear(width, width, bias=False)

    def forward(self, cell, genes):
        return (self.W(torch.sigmoid(self.gene2query(genes))) @ cell.unsqueeze(-1)).squeeze(-1)


class PretrainingModel(nn.Module):
    def __init__(self, genes, pad, dropout, width=512, heads=8, hidden=512, layers=12):
        super().__init__()
        self.encoder = GeneEncoder(genes, width, pad)
        self.value_encoder = ValueEncoder(width, dropout)
        self.flag_encoder = nn.Embedding(2, width)
        self.transformer_encoder = nn.Module()
        self.transformer_encoder.layers = nn.ModuleList(Layer(width, heads, hidden, dropout) for _ in range(layers))
        self.decoder = ExpressionDecoder(width)
        self.mvc_decoder = CellDecoder(width)

    def forward(self, known_genes, known_values, known_keep, unknown_genes):
        """Expression of the unknown genes from the known ones, and from the cell embedding."""
        known = self.encoder(known_genes) + self.value_encoder(known_values)
        genes = self.encoder(unknown_genes)
        unknown = genes + self.flag_encoder.weight[1]

        cells, count = unknown_genes.shape
        itself = torch.eye(count, dtype=torch.bool).expand(cells, 1, count, count)
        known_mask = known_keep[:, None, None, :]
        all_mask = torch.cat([known_mask.expand(cells, 1, count, -1), itself], dim=-1)
        for layer in self.transformer_encoder.layers:
            known, unknown = layer(known, unknown, known_mask, all_mask)
        return self.decoder(unknown), self.mvc_decoder(known[:, 0], genes)
