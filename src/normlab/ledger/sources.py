"""The papers that claims and pages refer to."""

from typing import NamedTuple


class Source(NamedTuple):
    """A paper: how the text names it, its authors, title and place, and where it can be read."""

    short: str
    full: str
    link: str


SOURCES = {
    "ba": Source(
        "Ba et al. 2016",
        "J. L. Ba, J. R. Kiros and G. E. Hinton. Layer normalization. 2016. arXiv:1607.06450",
        "https://arxiv.org/abs/1607.06450",
    ),
    "balduzzi": Source(
        "Balduzzi et al. 2017",
        "D. Balduzzi, M. Frean, L. Leary, J. P. Lewis, K. W.-D. Ma and B. McWilliams. The shattered"
        " gradients problem: if resnets are the answer, then what is the question? ICML 2017. "
        "arXiv:1702.08591",
        "https://arxiv.org/abs/1702.08591",
    ),
    "bjorck": Source(
        "Bjorck et al. 2018",
        "J. Bjorck, C. Gomes, B. Selman and K. Q. Weinberger. Understanding batch normalization. "
        "NeurIPS 2018. arXiv:1806.02375",
        "https://arxiv.org/abs/1806.02375",
    ),
    "byun": Source(
        "Byun et al. 2025",
        "H. Byun, Y. Choi, T. Kim, S. Park and K. Song. Bounded hyperbolic tangent: a stable and "
        "efficient alternative to pre-layer normalization in large language models. 2025. "
        "arXiv:2601.09719",
        "https://arxiv.org/abs/2601.09719",
    ),
    "cs231n": Source(
        "CS231n",
        "Stanford CS231n, assignment 2",
        "https://cs231n.github.io/",
    ),
    "curse": Source(
        "Sun et al. 2025",
        "W. Sun, X. Song, P. Li, L. Yin, Y. Zheng and S. Liu. The curse of depth in large language "
        "models. NeurIPS 2025. arXiv:2502.05795",
        "https://arxiv.org/abs/2502.05795",
    ),
    "daneshmand": Source(
        "Daneshmand et al. 2021",
        "H. Daneshmand, A. Joudaki and F. Bach. Batch normalization orthogonalizes representations "
        "in deep random networks. NeurIPS 2021. arXiv:2106.03970",
        "https://arxiv.org/abs/2106.03970",
    ),
    "daneshmand-rank": Source(
        "Daneshmand et al. 2020",
        "H. Daneshmand, J. Kohler, F. Bach, T. Hofmann and A. Lucchi. Batch normalization provably "
        "avoids ranks collapse for randomly initialised deep networks. NeurIPS 2020. "
        "arXiv:2003.01652",
        "https://arxiv.org/abs/2003.01652",
    ),
    "de": Source(
        "De & Smith 2020",
        "S. De and S. L. Smith. Batch normalization biases residual blocks towards the identity "
        "function in deep networks. NeurIPS 2020. arXiv:2002.10444",
        "https://arxiv.org/abs/2002.10444",
    ),
    "frankle": Source(
        "Frankle et al. 2021",
        "J. Frankle, D. J. Schwab and A. S. Morcos. Training BatchNorm and only BatchNorm: on the "
        "expressive power of random features in CNNs. ICLR 2021. arXiv:2003.00152",
        "https://arxiv.org/abs/2003.00152",
    ),
    "he": Source(
        "He et al. 2015",
        "K. He, X. Zhang, S. Ren and J. Sun. Delving deep into rectifiers: surpassing human-level "
        "performance on ImageNet classification. ICCV 2015. arXiv:1502.01852",
        "https://arxiv.org/abs/1502.01852",
    ),
    "ioffe": Source(
        "Ioffe & Szegedy 2015",
        "S. Ioffe and C. Szegedy. Batch normalization: accelerating deep network training by "
        "reducing internal covariate shift. ICML 2015. arXiv:1502.03167",
        "https://arxiv.org/abs/1502.03167",
    ),
    "kingma": Source(
        "Kingma & Ba 2015",
        "D. P. Kingma and J. Ba. Adam: a method for stochastic optimization. ICLR 2015. "
        "arXiv:1412.6980",
        "https://arxiv.org/abs/1412.6980",
    ),
    "kosson": Source(
        "Kosson et al. 2024",
        "A. Kosson, B. Messmer and M. Jaggi. Rotational equilibrium: how weight decay balances "
        "learning across neural networks. ICML 2024. arXiv:2305.17212",
        "https://arxiv.org/abs/2305.17212",
    ),
    "li": Source(
        "Li & Arora 2020",
        "Z. Li and S. Arora. An exponential learning rate schedule for deep learning. ICLR 2020. "
        "arXiv:1910.07454",
        "https://arxiv.org/abs/1910.07454",
    ),
    "meterez": Source(
        "Meterez et al. 2024",
        "A. Meterez, A. Joudaki, F. Orabona, A. Immer, G. Rätsch and H. Daneshmand. Towards "
        "training without depth limits: batch normalization without gradient explosion. ICLR 2024. "
        "arXiv:2310.02012",
        "https://arxiv.org/abs/2310.02012",
    ),
    "nachum": Source(
        "Nachum et al. 2024",
        "I. Nachum, M. Bondaschi, M. Gastpar and A. Khina. Batch normalization decomposed. 2024. "
        "arXiv:2412.02843",
        "https://arxiv.org/abs/2412.02843",
    ),
    "ni": Source(
        "Ni et al. 2024",
        "Y. Ni, Y. Guo, J. Jia and L. Huang. On the nonlinearity of layer normalization. ICML "
        "2024. arXiv:2406.01255",
        "https://arxiv.org/abs/2406.01255",
    ),
    "renorm": Source(
        "Ioffe 2017",
        "S. Ioffe. Batch renormalization: towards reducing minibatch dependence in "
        "batch-normalized models. NeurIPS 2017. arXiv:1702.03275",
        "https://arxiv.org/abs/1702.03275",
    ),
    "samuelson": Source(
        "Samuelson 1968",
        "P. A. Samuelson. How deviant can you be? Journal of the American Statistical Association "
        "63, 1522-1525, 1968",
        "https://doi.org/10.1080/01621459.1968.10480944",
    ),
    "santurkar": Source(
        "Santurkar et al. 2018",
        "S. Santurkar, D. Tsipras, A. Ilyas and A. Madry. How does batch normalization help "
        "optimization? NeurIPS 2018. arXiv:1805.11604",
        "https://arxiv.org/abs/1805.11604",
    ),
    "squire": Source(
        "Squire & Trapp 1998",
        "W. Squire and G. Trapp. Using complex variables to estimate derivatives of real "
        "functions. SIAM Review 40, 110-112, 1998",
        "https://doi.org/10.1137/S003614459631241X",
    ),
    "van-laarhoven": Source(
        "van Laarhoven 2017",
        "T. van Laarhoven. L2 regularization versus batch and weight normalization. 2017. "
        "arXiv:1706.05350",
        "https://arxiv.org/abs/1706.05350",
    ),
    "verma": Source(
        "Verma 2026",
        "L. Verma. When does removing LayerNorm help? Activation bounding as a regime-dependent "
        "implicit regularizer. 2026. arXiv:2604.23434",
        "https://arxiv.org/abs/2604.23434",
    ),
    "wu": Source(
        "Wu & He 2018",
        "Y. Wu and K. He. Group normalization. ECCV 2018. arXiv:1803.08494",
        "https://arxiv.org/abs/1803.08494",
    ),
    "yang": Source(
        "Yang et al. 2019",
        "G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein and S. S. Schoenholz. A mean field "
        "theory of batch normalization. ICLR 2019. arXiv:1902.08129",
        "https://arxiv.org/abs/1902.08129",
    ),
    "zhang": Source(
        "Zhang & Sennrich 2019",
        "B. Zhang and R. Sennrich. Root mean square layer normalization. NeurIPS 2019. "
        "arXiv:1910.07467",
        "https://arxiv.org/abs/1910.07467",
    ),
    "zhu": Source(
        "Zhu et al. 2025",
        "J. Zhu, X. Chen, K. He, Y. LeCun and Z. Liu. Transformers without normalization. CVPR "
        "2025. arXiv:2503.10622",
        "https://arxiv.org/abs/2503.10622",
    ),
}
